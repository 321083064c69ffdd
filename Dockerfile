# understudy as a container: `docker build -t understudy .`, then for example
#
#   docker run --rm -p 8787:8787 understudy serve --host 0.0.0.0 --admin-token choose-one
#
# compose.yaml starts two of them over one Redis server.

FROM python:3.13-slim AS build
WORKDIR /source
COPY . .
# The versions that the checks run with; of the lock's entries only what is asked for is installed.
RUN sed -nE 's/^([a-z0-9-]+==[^ ]+)( ;[^\\]*)?.*/\1\2/p' requirements.lock > /constraints.txt
RUN python -m venv /opt/understudy \
    && /opt/understudy/bin/pip install --no-cache-dir --constraint /constraints.txt '.[redis]' \
    && /opt/understudy/bin/pip uninstall --yes pip

FROM python:3.13-slim
# Nobody in particular, with a place for files of --store and one for the cache.
RUN useradd --system --uid 10001 --no-create-home understudy \
    && install --directory --owner=understudy --group=understudy /data /var/cache/understudy
COPY --from=build /opt/understudy /opt/understudy
ENV PATH=/opt/understudy/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/var/cache
USER understudy
WORKDIR /data
# Packs are read once, here.
RUN understudy vendors > /dev/null
EXPOSE 8787
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8787/__understudy/health', timeout=4)"]
ENTRYPOINT ["understudy"]
CMD ["--help"]
