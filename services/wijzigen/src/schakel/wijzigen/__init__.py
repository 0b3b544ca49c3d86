"""The wijzigen service, for wijzigingsverzoeken: controlled change of the infrastructure."""
