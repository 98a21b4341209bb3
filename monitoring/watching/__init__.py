"""What somebody must look at: readings out of range, trends, silence; found, not yet answered."""
