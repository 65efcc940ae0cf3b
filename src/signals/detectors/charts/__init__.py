"""Charts that rules may ask for with ``chart:``: one provider per file, all of them in ``table``."""
