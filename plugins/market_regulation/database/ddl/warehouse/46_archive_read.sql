-- Deliveries that marts.credit_archive_event has taken in; written with it, in its transaction. Its rows are what is
-- known now, so that they do not tell which deliveries they came from once a later one has replaced them.
create table if not exists quality.archive_delivery_read (
    delivery_id bigint primary key,
    read_at     timestamptz not null default now()
);

grant select, insert on quality.archive_delivery_read to transformer;
