"""Finding secrets in text. So far the rules only; shell hooks and `typed` go by them."""
