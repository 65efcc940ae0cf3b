"""One chart, drawn for each kind of reader: a picture, a line of a terminal, a sentence. All pure."""
