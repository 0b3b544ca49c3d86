"""The herstellen service, for foutmeldingen: restores the service to what was agreed."""
