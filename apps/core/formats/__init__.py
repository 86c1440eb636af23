"""How dates are written where Django's own way is not a language's: one module a language, named by ``FORMAT_MODULE_PATH``."""
