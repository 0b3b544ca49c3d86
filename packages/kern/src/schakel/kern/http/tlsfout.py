"""Why two who would speak over TLS do not, in one word for a log."""

import ssl
from collections.abc import Iterator
from typing import Final

_VAN_CODE: Final = {
    9: "certificaat-nog-niet-geldig",
    10: "certificaat-verlopen",
    18: "certificaat-van-onbekende-uitgever",
    19: "certificaat-van-onbekende-uitgever",
    20: "certificaat-van-onbekende-uitgever",
    21: "certificaat-van-onbekende-uitgever",
    62: "certificaat-van-andere-host",
    64: "certificaat-van-andere-host",
}
"""By what OpenSSL says of a chain (X509_V_ERR_*)."""


def waarom(fout: BaseException) -> str | None:
    """What is wrong with their certificate, or that ours is refused; None when it is not that."""
    for een in _oorzaken(fout):
        if isinstance(een, ssl.SSLCertVerificationError):
            return _VAN_CODE.get(een.verify_code, "certificaat-ongeldig")
        if isinstance(een, ssl.SSLError):
            if een.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE":
                return "geen-certificaat"
            if any(deel in (een.reason or "") for deel in ("_CERTIFICATE", "UNKNOWN_CA")):
                return "ons-certificaat-geweigerd"  # an alert of the other
    return None


def _oorzaken(fout: BaseException | None) -> Iterator[BaseException]:
    while fout is not None:
        yield fout
        fout = fout.__cause__
