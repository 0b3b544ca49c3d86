"""A scripted partner without product code, and every lie of section 10 of the border's design told with it."""
