"""The Kafka edge: topics, codecs, the Faust agent, the delivery consumers. At least once; repeats are recognised."""
