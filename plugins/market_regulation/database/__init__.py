"""The platform's own tables (``ddl/``) and how they are created; dbt owns staging, intermediate and marts."""
