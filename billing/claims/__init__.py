"""Claims under review: the queue, one claim's page, what a biller does with it, whether it still stands."""
