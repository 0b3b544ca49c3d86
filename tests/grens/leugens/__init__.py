"""A scripted partner without product code, and every lie that it can tell."""
