"""As little as Celery's Django part asks for."""

import os

SECRET_KEY = os.environ["SECRET_KEY"]
USE_TZ = True
