"""Pages of approval: a form parsed, one service or selector called, a page drawn or another one shown."""
