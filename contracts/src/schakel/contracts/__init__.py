"""The published language: all that another organisation must share to link up."""
