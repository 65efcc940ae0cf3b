"""Rule packs as content, a file per family; loader and schema beside them."""
