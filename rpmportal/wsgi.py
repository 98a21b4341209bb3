"""The web application, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rpmportal.settings")
os.environ.setdefault("PROCESS", "web")
application = get_wsgi_application()
