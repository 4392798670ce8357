"""The embedded mode: PostgreSQL, Airflow and the sandbox on one machine, without Docker or system services."""
