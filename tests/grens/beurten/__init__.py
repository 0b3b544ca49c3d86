"""Two whole borders under a scheduler: every order of steps, pages, kills and restores."""
