"""Answers with its own number and with what the database keeps."""

import json
import os

import psycopg


def application(environ, start_response):
    body = {"pid": os.getpid(), "master": os.getppid(), "checkout": os.getcwd()}
    if environ["PATH_INFO"] == "/kept":
        with psycopg.connect(os.environ["DATABASE_URL"]) as app:
            body["kept"] = app.execute("SELECT count(*) FROM kept").fetchone()[0]
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]
