"""The uitvoeren service, for aanvragen: delivers."""
