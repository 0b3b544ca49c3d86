// Answers questions of test_tweede.py with what others made: sumdb of Go and transparency-dev.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type vraag struct {
	Soort                      string
	Hash, Wortel, Oud          []byte
	Nummer, Omvang, Eerst      int64
	Bewijs                     [][]byte
	Note, Tekst, Vkey, Sleutel string
	Mee                        bool
}

func hash(b []byte) (h tlog.Hash) {
	copy(h[:], b)
	return
}

func hashes(lijst [][]byte) []tlog.Hash {
	var uit []tlog.Hash
	for _, b := range lijst {
		uit = append(uit, hash(b))
	}
	return uit
}

// samen is the verdict of both, which may not differ.
func samen(een, ander error) error {
	if (een == nil) != (ander == nil) {
		panic(fmt.Sprint("they differ: ", een, " / ", ander))
	}
	return een
}

func antwoord(v vraag) (string, error) {
	switch v.Soort {
	case "inclusie":
		return "", samen(
			tlog.CheckRecord(hashes(v.Bewijs), v.Omvang, hash(v.Wortel), v.Nummer, hash(v.Hash)),
			proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(v.Nummer), uint64(v.Omvang), v.Hash, v.Bewijs, v.Wortel))
	case "consistentie":
		return "", samen(
			tlog.CheckTree(hashes(v.Bewijs), v.Omvang, hash(v.Wortel), v.Eerst, hash(v.Oud)),
			proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(v.Eerst), uint64(v.Omvang), v.Bewijs, v.Oud, v.Wortel))
	case "open":
		kijk, err := note.NewVerifier(v.Vkey)
		if v.Mee {
			kijk, err = fnote.NewVerifierForCosignatureV1(v.Vkey)
		}
		if err != nil {
			return "", err
		}
		n, err := note.Open([]byte(v.Note), note.VerifierList(kijk))
		if err != nil {
			return "", err
		}
		return n.Text, nil
	case "teken":
		teken, err := note.NewSigner(v.Sleutel)
		if v.Mee {
			teken, err = fnote.NewSignerForCosignatureV1(v.Sleutel)
		}
		if err != nil {
			return "", err
		}
		n, err := note.Sign(&note.Note{Text: v.Tekst}, teken)
		return string(n), err
	}
	return "", fmt.Errorf("unknown question %q", v.Soort)
}

func main() {
	var vragen []vraag
	if err := json.NewDecoder(os.Stdin).Decode(&vragen); err != nil {
		panic(err)
	}
	antwoorden := [][2]string{}
	for _, v := range vragen {
		tekst, err := antwoord(v)
		fout := ""
		if err != nil {
			fout = err.Error()
		}
		antwoorden = append(antwoorden, [2]string{tekst, fout})
	}
	if err := json.NewEncoder(os.Stdout).Encode(antwoorden); err != nil {
		panic(err)
	}
}
