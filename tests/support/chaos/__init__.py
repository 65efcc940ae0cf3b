"""The chaos harness: a history flows through a real installation while everything around it is broken on purpose.

``benchmarks/chaos.py`` runs it at length, ``tests/integration/test_chaos.py`` in short. The verdict compares what came
out with what ``replay`` gives for the records that are on the input topics.
"""
