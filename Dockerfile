# 有据 youju: the server on a CPU, without root. See deploy/README.md.
FROM python:3.13-slim

# serve: HTTP, MCP; ui: the page; llm: answers through an OpenAI-compatible endpoint.
ARG EXTRAS=serve,llm,ui
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONUTF8=1 PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /srv/youju
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY index ./index
COPY rag ./rag
COPY prompts ./prompts
COPY eval ./eval
COPY ui_parts ./ui_parts
COPY ui.py ./
RUN pip install --no-cache-dir -c constraints.txt ".[${EXTRAS}]" \
 && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin youju \
 && mkdir /data && chown youju:youju /data

# Index, accounts, audit log and feedback lie in /data.
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/healthz', timeout=4)"]
ENTRYPOINT ["youju"]
CMD ["serve", "--host", "0.0.0.0"]
