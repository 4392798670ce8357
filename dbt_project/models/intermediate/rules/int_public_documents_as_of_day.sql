-- Grain: one served document inspected by known_day, with what the public may see of it.
select
    p.sha256_served,
    p.sha256_public,
    p.media_type,
    p.findings,
    p.needs_review
from {{ ref('stg_platform__public_documents') }} as p
cross join {{ ref('int_as_of_day') }} as d
where p.known_from <= d.known_day and d.known_day < p.known_to
