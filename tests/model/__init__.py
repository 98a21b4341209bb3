"""The time keeping against a model of its own: the same acts on both, and after each the same seconds.

`almanac` and `spans` calculate in whole microseconds; `watch` and `ledger` are the model, written from the promises and
importing nothing of the code's but the names of states; `real` calls the services; `comparing` looks at both.
"""
