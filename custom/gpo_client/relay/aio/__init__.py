"""The relay's parts that wait. The folder ``sync`` beside this one is derived from it by ``make sync``."""
