-- A client that prepares a statement for each question that it asks, as some layers between a program and its database do.
--
-- Leak: it never gives one back, and the backend has their plans as long as it lives.
-- Fix: --fixed does, after each question.
--
-- Truth: grows yes
-- Truth: kind chunk-size 1040 2064 4112 8208
-- Truth: allocates postgres
-- Truth: holder CachedPlanQuery context of postgres
-- Truth: holder CachedPlanSource context of postgres
PREPARE question_:number (int) AS SELECT relname, relkind, :number AS number FROM pg_class WHERE oid = $1 AND relpages >= 0;
\if :is_fixed
  DEALLOCATE question_:number;
\endif
