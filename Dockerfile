# Front-end files: exactly those of package-lock.json.
FROM node:24-slim AS assets
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund --ignore-scripts --loglevel=error

# Python packages: exactly those of requirements.txt.
FROM python:3.11-slim AS packages
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.11-slim
RUN useradd --system --no-create-home --shell /usr/sbin/nologin rpm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=rpmportal.settings
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
COPY --from=assets /build/node_modules node_modules
# The values below only let settings load while static files are gathered; none of them stays in the image.
RUN python -m devtools.assets && rm -rf node_modules \
 && SECRET_KEY=only-while-building-and-never-kept-0123456789-0123456789-abcdef ALLOWED_HOSTS=localhost DATABASE_URL=postgresql:///rpm \
    REDIS_URL=redis://localhost EMAIL_URL=console: DEFAULT_FROM_EMAIL=build@localhost STATIC_MODE=manifest HTTPS=1 \
    python manage.py collectstatic --noinput
RUN mkdir /attachments && chown rpm /attachments
USER rpm
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "deploy/healthcheck.py"]
CMD ["gunicorn", "rpmportal.wsgi", "-c", "deploy/gunicorn.conf.py", "--bind", "0.0.0.0:8000"]
