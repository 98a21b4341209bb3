-- Run once by a superuser, with psql (here by the database container at its first start): the two roles and the
-- database. rpm_owner migrates; rpm_app runs the application, and its rights come from the migrations.
\set ON_ERROR_STOP on
\getenv owner_password RPM_OWNER_PASSWORD
\getenv app_password RPM_APP_PASSWORD
CREATE ROLE rpm_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE rpm_app LOGIN PASSWORD :'app_password';
CREATE DATABASE rpm OWNER rpm_owner;
REVOKE ALL ON DATABASE rpm FROM PUBLIC;
GRANT CONNECT ON DATABASE rpm TO rpm_app;
