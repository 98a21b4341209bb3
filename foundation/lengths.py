"""How long a free text may be, in characters: for its field, its form and its constraint in the database."""

# What is said of care: notes, plans, orders, addenda.
WORDS = 4000
# Why something was done.
REASON = 1000
# Who it was, put together from names that are shorter.
LABEL = 240
