"""Which werkstromen did the meldingen follow in a log that an organisation already has?"""
