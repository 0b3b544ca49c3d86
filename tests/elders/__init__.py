"""The same results elsewhere: with another hash seed, time zone, locale and umask."""
