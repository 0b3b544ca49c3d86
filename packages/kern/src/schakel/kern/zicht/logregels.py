"""The lines that may be logged. Add a line here before logging it; ``docs`` follow from it."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

Niveau = Literal["debug", "info", "warning", "error"]


class Logregel(msgspec.Struct, frozen=True):
    """One kind of line: its name, level, what it tells and the meaning of each field."""

    naam: str
    niveau: Niveau
    uitleg: str
    velden: Mapping[str, str] = {}


ALTIJD: Final[Mapping[str, str]] = {
    "tijdstip": "when it was logged, UTC (BIO2 8.15.01: tijdstempel)",
    "niveau": "debug, info, warning or error",
    "gebeurtenis": "the name of the line in this catalogue",
    "dienst": "the service that was at work, if one was",
    "correlatie": "trace id of the request (W3C traceparent, else our own), if there is one",
}

KERN: Final = (
    Logregel(
        "verzoek_afgehandeld",
        "info",
        "A request has been answered, whatever the answer was.",
        {
            "actie": "method and route template (BIO2: actie)",
            "object": "the first path parameter that is a UUID, else absent (BIO2: object)",
            "resultaat": "status code; 499 = the client left before the answer (BIO2: resultaat)",
            "code": "the code of the problem, if the answer is one",
            "oorsprong": "loopback, or the network (/24, /48) of the client (BIO2: oorsprong)",
            "actor": "pseudonym of who asked (BIO2: actor)",
            "rol": "the role that gave access",
            "duur_ms": "from the arrival of the headers to the end of the answer",
        },
    ),
    Logregel(
        "onverwachte_fout",
        "error",
        "A fault of ours, over HTTP answered with 500. The text of the exception is never logged.",
        {
            "actie": "method and route template, or the name of the task",
            "soort": "class of the exception",
            "plaats": "the innermost frames as file:line:function",
        },
    ),
    Logregel(
        "dienst_luistert",
        "info",
        "The service is ready to take requests.",
        {
            "host": "address it is bound to",
            "poort": "port it is bound to",
            "verbindingen": "how many it takes; fewer than was set when descriptors are few",
        },
    ),
    Logregel(
        "overeenkomst_geldt",
        "info",
        "A contract with another organisation holds from now on.",
        {"partner": "OIN of the other"},
    ),
    Logregel(
        "overeenkomst_verloopt",
        "warning",
        "A contract with another organisation ends within 30 days; renew it in time.",
        {"partner": "OIN of the other", "tot": "when it ends"},
    ),
    Logregel(
        "overeenkomst_voorbij",
        "warning",
        "No contract with this organisation holds any more.",
        {"partner": "OIN of the other"},
    ),
    Logregel(
        "overeenkomst_onbruikbaar",
        "error",
        "A file in the folder of contracts is none that counts.",
        {"bestand": "name of the file"},
    ),
    Logregel(
        "partner_geweigerd",
        "warning",
        "Another organisation called, and was refused.",
        {
            "partner": "OIN of who called, if that is known",
            "code": "the code of the wire format",
            "resultaat": "status code",
        },
    ),
    Logregel(
        "partner_weigert",
        "error",
        "Another organisation refuses our call for a reason that somebody has to mend.",
        {"partner": "OIN of the other", "code": "the code of the wire format"},
    ),
    Logregel(
        "partner_onbereikbaar",
        "warning",
        "Another organisation cannot be called; each reason is logged once, until it answers.",
        {
            "partner": "OIN of the other",
            "reden": "what is wrong with its certificate; `ons-certificaat-geweigerd`;"
            " `verbroken-zonder-antwoord`, mostly because it does not accept ours; or with its"
            " address: `host-onbekend`, `host-niet-van-het-open-net`, `omleiding`",
        },
    ),
    Logregel(
        "geen_logsleutel",
        "error",
        "No log key that is here is valid for what we say to another organisation.",
        {"partner": "OIN of the other"},
    ),
    Logregel(
        "ontvangstbewijs_ontbreekt",
        "error",
        "Another organisation took in what we said, and gives no receipt that verifies.",
        {"partner": "OIN of the other"},
    ),
    Logregel(
        "tekst_geweigerd",
        "error",
        "Another organisation refuses a text for a reason that somebody has to mend.",
        {
            "partner": "OIN of the other",
            "schakel": "the schakelId",
            "code": "the code of the wire format",
        },
    ),
    Logregel(
        "tekst_niet_te_krijgen",
        "warning",
        "A service of this organisation did not give a text for another one; it is asked again.",
        {"proces": "whose service", "reden": "status, or kind of error"},
    ),
    Logregel(
        "adres_niet_genoemd",
        "error",
        "No setting says where a service of this organisation is.",
        {"proces": "whose service", "instelling": "where it is to be named"},
    ),
    Logregel(
        "verbinding_gestopt",
        "error",
        "The link with another organisation stands still until a person resumes it.",
        {"partner": "OIN of the other", "reden": "what was wrong, in one word"},
    ),
    Logregel(
        "verbinding_hervat",
        "info",
        "A person let a link that stood still run again; a resumption follows.",
        {"partner": "OIN of the other", "reden": "why it had stopped"},
    ),
    Logregel(
        "blokkade_veranderd",
        "warning",
        "An operator set a blokkade on another organisation, or lifted it.",
        {"partner": "OIN of the other", "geldt": "whether it holds from now on"},
    ),
    Logregel(
        "uitloop_begonnen",
        "info",
        "An operator let nothing new be asked of another organisation any more.",
        {"partner": "OIN of the other"},
    ),
    Logregel(
        "dienst_gestopt",
        "info",
        "The service has stopped in an orderly way.",
        {"duur_ms": "how long stopping took"},
    ),
    Logregel(
        "stoppen_afgebroken",
        "warning",
        "Closing down took longer than allowed and was cut off.",
        {"duur_ms": "how long stopping took"},
    ),
    Logregel(
        "gereedheid_veranderd",
        "info",
        "The answer of /klaar changed.",
        {"klaar": "true or false", "onderdelen": "state of each part, by name"},
    ),
    Logregel(
        "sleutels_opgehaald",
        "info",
        "The public keys that tokens are checked against were read.",
        {"aantal": "number of keys"},
    ),
    Logregel(
        "sleutels_onbereikbaar",
        "warning",
        "The public keys could not be read; the old ones, if any, stay in use.",
        {"soort": "class of the exception"},
    ),
    Logregel("sporen_bezorgd", "info", "The collector of traces takes them again."),
    Logregel(
        "sporen_onbereikbaar",
        "warning",
        "The collector of traces does not take them; what it misses is lost.",
    ),
    Logregel(
        "te_veel_verbindingen",
        "warning",
        "No room for another connection: those we waited for longest make room, or who comes"
        " is answered with 503; logged once a minute at most.",
        {"grens": "the limit that was reached"},
    ),
    Logregel(
        "certificaat_geweigerd",
        "warning",
        "Somebody who wanted to connect is not let in; each reason is logged once a minute at"
        " most.",
        {
            "reden": "what is wrong with its certificate, or `geen-certificaat`; or"
            " `ons-certificaat-geweigerd`: it does not accept ours",
        },
    ),
    Logregel(
        "bericht_geparkeerd",
        "warning",
        "A received message could not be handled and waits, with what follows in its tree.",
        {
            "bron": "the log it came from",
            "positie": "its number in that log",
            "reden": "why, as a code",
            "boom": "the tree that waits behind it",
        },
    ),
    Logregel(
        "parkeerplaats_vol",
        "error",
        "There is no room to park a message: its source is not read on until there is.",
        {"bron": "the log it came from", "positie": "its number in that log"},
    ),
    Logregel(
        "topics_ontbreken",
        "warning",
        "Topics that this service listens to do not exist (yet); the others are read.",
        {"topics": "their names"},
    ),
    Logregel(
        "bus_zonder_topic_id",
        "warning",
        "The broker is older than Kafka 4.1: what is sent names its topic, and not the id of it.",
        {"topic": "its name"},
    ),
    Logregel(
        "topic_ingekort",
        "warning",
        "The broker has less than was read before; what is there is read again.",
        {
            "bron": "topic and partition",
            "positie": "how far it was read",
            "einde": "how far it goes now",
        },
    ),
    Logregel(
        "topic_mist_begin",
        "error",
        "The broker threw away messages that were not read here: have them sent again.",
        {
            "bron": "topic and partition",
            "positie": "how far it was read",
            "begin": "where it begins now",
        },
    ),
    Logregel(
        "taak_hervat",
        "warning",
        "Background work stopped on an error and is begun again until it works: once per reason.",
        {"taak": "name of the work", "reden": "code or class of the error"},
    ),
    Logregel(
        "taak_hersteld",
        "info",
        "Background work that had stopped does what it is there for again.",
        {
            "taak": "name of the work",
            "pogingen": "how often it had stopped",
            "duur_s": "seconds since it first stopped",
        },
    ),
    Logregel(
        "hoofdsleutel_vervangen",
        "info",
        "What was wrapped in an older master key is wrapped in the newest one.",
        {"aantal": "how many data keys that were"},
    ),
    Logregel(
        "handeling_niet_geboekt",
        "warning",
        "What an operator did or was refused could not be written to the table of audit events; its"
        " verzoek_afgehandeld says the same.",
        {"resultaat": "what came of it, as a code", "soort": "class of the exception"},
    ),
    Logregel(
        "antwoorden_overgezet",
        "info",
        "Answers of a former version are kept so that nothing that was asked can be guessed.",
        {"aantal": "how many answers that were"},
    ),
    Logregel(
        "inhoud_aangetast",
        "error",
        "A text that is kept here cannot be given back: somebody must look at it.",
        {
            "object": "the id of what it is about",
            "reden": "inhoud-aangetast: changed or swapped; hoofdsleutel-ontbreekt: no key for it",
        },
    ),
    Logregel(
        "bibliotheek_bericht",
        "warning",
        "A library said something through the logging module.",
        {
            "bron": "name of its logger",
            "ernst": "the library's own level",
            "plaats": "module:line it came from",
            "sjabloon": "its text without the values, for libraries with constant texts",
            "soort": "class of the exception that came with it",
        },
    ),
    Logregel(
        "onbekende_logregel",
        "warning",
        "Code logged a line that is not in this catalogue; its values were dropped.",
        {"naam": "the line that was meant"},
    ),
)
