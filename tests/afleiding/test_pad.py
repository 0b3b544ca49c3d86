"""Domain, section 6.3: ``woord`` is canonical, ``pad`` is what was really walked."""

from tests.afleiding.boombouw import A, Boom, H, U, V, W, letters

from schakel.contracts.melding import Oordeel, Resultaat, Uitkomst


def test_het_pad_groeit_mee_en_het_woord_staat_vast() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    assert (letters(boom.af()), boom.af().woord) == ("H", None)
    wijziging = boom.wortel.draag_over(W)
    assert (letters(boom.af()), boom.af().woord) == ("HW", "HWUWH")
    wijziging.loop()
    uitvoering = wijziging.draag_over(U)
    assert letters(boom.af()) == "HWU"
    uitvoering.loop().rond_af()
    wijziging.keer_terug(uitvoering)
    assert letters(boom.af()) == "HWUW"
    boom.wortel.keer_terug(wijziging)
    assert (letters(boom.af()), boom.af().woord) == ("HWUWH", "HWUWH")


def test_een_ontevreden_melder_geeft_een_tweede_uitstap() -> None:
    boom = Boom(H)
    boom.wortel.loop().heen_en_weer(U)
    boom.wortel.controleer().meld_gereed().vraag().hoor(Oordeel.NIET_TEVREDEN)
    boom.wortel.heen_en_weer(U, ronde=2)
    af = boom.af()
    assert (letters(af), af.werkstroom, af.rondes[0].aantal) == ("HUHUH", 4, 2)


def test_herbepaald_van_vier_naar_drie_toont_beide_wegen() -> None:
    boom = Boom(H)
    boom.wortel.loop().heen_en_weer(U)
    boom.wortel.controleer(goed=False).heen_en_weer(W, ronde=2)
    assert (letters(boom.af()), boom.af().woord) == ("HUHWUWH", "HWUWH")


def test_een_afgekeurde_controle_diep_in_de_boom_staat_in_het_pad() -> None:
    boom = Boom(V)
    boom.wortel.loop()
    afspraak = boom.wortel.draag_over(A)
    wijziging = afspraak.loop().draag_over(W)
    wijziging.loop().heen_en_weer(U)
    wijziging.controleer(goed=False).heen_en_weer(U, ronde=2)
    wijziging.controleer(ronde=2).rond_af()
    afspraak.keer_terug(wijziging).rond_af()
    boom.wortel.keer_terug(afspraak)
    af = boom.af()
    assert (letters(af), af.werkstroom) == ("VAWUWUWAV", 6)
    assert {r.melding_id: r.aantal for r in af.rondes}[wijziging.naam] == 2


def test_per_ronde_gaat_het_pad_naar_het_hoogste_kind_en_de_anderen_staan_alleen_in_de_boom() -> (
    None
):
    boom = Boom(H)
    boom.wortel.loop()
    aggregaat = boom.wortel.draag_over(U)
    kabel = boom.wortel.draag_over(W)
    kabel.loop().heen_en_weer(U)
    boom.wortel.keer_terug(kabel)
    af = boom.af()
    assert letters(af) == "HWUWH"
    assert af.meldingen[0].kinderen == (kabel.naam,)
    assert [o.kind_id for o in af.open_overdrachten] == [aggregaat.naam]


def test_bij_gelijke_rang_gaat_het_pad_naar_de_laagste_n() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    tweede = boom.wortel.draag_over(W, n=2)
    eerste = boom.wortel.draag_over(W, n=1)
    tweede.loop().heen_en_weer(U)
    assert letters(boom.af()) == "HW"
    eerste.loop().draag_over(U)
    assert letters(boom.af()) == "HWU"


def test_een_geweigerd_kind_staat_niet_in_het_pad_en_het_andere_van_de_ronde_wel() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    geweigerd = boom.wortel.draag_over(W)
    boom.wortel.weiger(geweigerd).heen_en_weer(U)
    assert letters(boom.af()) == "HUH"


def test_in_uitvoeren_als_eerste_blijft_een_nieuwe_ronde_in_uitvoeren() -> None:
    boom = Boom(U)
    boom.wortel.loop().meld_gereed().vraag().hoor(Oordeel.NIET_TEVREDEN).stap()
    af = boom.af()
    assert (letters(af), af.woord, af.rondes[0].aantal) == ("U", "U", 2)
    assert af.status == "in_behandeling"


def test_een_terugkeer_na_intrekking_is_een_notitie_en_staat_toch_in_het_pad() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(U)
    boom.wortel.trek_in()
    assert letters(boom.af()) == "HU"
    boom.wortel.keer_terug(kind, Resultaat.ZONDER_RESULTAAT)
    af = boom.af()
    assert (letters(af), af.afwijkingen) == ("HUH", ())


def test_een_ronde_die_begint_voor_de_vorige_terug_is_volgt_gewoon_op() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    langzaam = boom.wortel.draag_over(U)
    snel = boom.wortel.draag_over(W, ronde=2)
    assert letters(boom.af()) == "HUW"
    snel.loop().heen_en_weer(U)
    boom.wortel.keer_terug(snel)
    assert letters(boom.af()) == "HUWUWH"
    boom.wortel.keer_terug(langzaam)
    assert letters(boom.af()) == "HUHWUWH"


def test_een_kind_zonder_resultaat_komt_ook_terug() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(W)
    kind.loop().zet_om().sluit(Uitkomst.OMGEZET)
    boom.wortel.keer_terug(kind, Resultaat.ZONDER_RESULTAAT)
    af = boom.af()
    assert (letters(af), af.werkstroom, af.woord) == ("HWH", 3, "HWUWH")
    assert "zonder resultaat" in af.posities[0].verwacht


def test_een_verboden_overdracht_en_alles_eronder_staat_niet_in_het_pad() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    verboden = boom.wortel.draag_over(V)
    verboden.loop().heen_en_weer(A)
    boom.wortel.keer_terug(verboden)
    af = boom.af()
    assert (letters(af), af.werkstroom, af.kandidaten) == ("H", None, (3, 4))
    assert verboden.naam in {tak.melding_id for tak in af.meldingen}


def test_ook_diep_in_de_boom_telt_een_verboden_overdracht_niet() -> None:
    boom = Boom(A)
    boom.wortel.loop()
    wijziging = boom.wortel.draag_over(W)
    wijziging.loop().draag_over(A).loop()
    assert letters(boom.af()) == "AW"


def test_een_kind_dat_een_ander_proces_is_loopt_niet_mee() -> None:
    """The giver's word counts; what hangs below the other melding was not reached by it."""
    boom = Boom(V)
    boom.wortel.loop()
    kind = boom.wortel.kind(H)
    boom.wortel.geef(kind, naar=W)
    kind.loop().draag_over(U)
    assert (letters(boom.af()), boom.af().werkstroom) == ("VW", 7)


def test_een_kind_dat_een_andere_ouder_noemt_loopt_niet_mee() -> None:
    boom = Boom(V)
    boom.wortel.loop()
    afspraak = boom.wortel.draag_over(A, ronde=1)
    kind = boom.wortel.kind(W, ronde=2)
    boom.wortel.geef(kind)
    kind.ouder = afspraak
    kind.loop().draag_over(U)
    assert letters(boom.af()) == "VAWUW"


def test_de_rondes_staan_op_volgorde_ook_als_alleen_de_kinderen_spraken() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan()
    eerste = boom.wortel.kind(U, ronde=1).neem_aan()
    tweede = boom.wortel.kind(W, ronde=2).neem_aan()
    aangenomen = boom.berichten[0]
    assert letters(boom.af(aangenomen, eerste.laatst, tweede.laatst)) == "HUW"
    assert letters(boom.af(aangenomen, tweede.laatst, eerste.laatst)) == "HUW"
