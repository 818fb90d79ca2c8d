# One image for migrating, serving and working. Every step is a script in docker/, which the tests run, too.
FROM python:3.11.14-slim-bookworm
WORKDIR /app
COPY docker ./docker
RUN sh docker/make-user.sh
COPY pyproject.toml requirements.lock ./
RUN sh docker/install.sh /opt/portfolio
COPY kbs ./kbs
COPY storage ./storage
COPY templates ./templates
COPY portfolio ./portfolio
USER portfolio
ENV PATH=/opt/portfolio/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PORTFOLIO_HOST=0.0.0.0 PORTFOLIO_STANDARDS_FOLDER=/data/standards
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 CMD ["python", "docker/health.py"]
ENTRYPOINT ["sh", "docker/entrypoint.sh"]
CMD ["serve"]
