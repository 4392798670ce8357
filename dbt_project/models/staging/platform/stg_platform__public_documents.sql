-- Grain: one inspection of a served document, with what the public may see of it while this inspection counts.
select
    sha256_served,
    sha256_public,
    media_type,
    findings,
    needs_review,
    known_from,
    coalesce(
        lead(known_from) over (partition by sha256_served order by known_from, inspected_at), 'infinity'
    ) as known_to
from {{ source('disclosure', 'redacted_document') }}
