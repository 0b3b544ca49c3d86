"""The verbeteren service, for verbetervoorstellen: removes threats, realises innovations."""
