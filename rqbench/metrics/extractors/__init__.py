"""Networks that turn pictures into features, one file a family, and the list of them."""
