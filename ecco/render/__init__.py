"""From payloads to HTML: the static view, the page, the committed JavaScript bundle."""
