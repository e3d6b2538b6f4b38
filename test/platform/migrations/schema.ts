// A database schema as the catalogs of Postgres describe it, for comparison.
import type { Knex } from "knex";

/**
 * One line for each object that migrations can create: sorted, and without numbers that differ from run to run. Without
 * extensions, which a down migration keeps, since a database may use them otherwise.
 */
export async function describeSchema(knex: Knex): Promise<string[]> {
  const { rows } = await knex.raw<{ rows: { line: string }[] }>(`
    with mine as (
      select * from pg_class where relnamespace = 'public'::regnamespace and relname not like 'knex_migrations%'
    ),
    extension_parts as (select classid, objid from pg_depend where deptype = 'e')
    select format('relation %s %s %s %s', relkind, relname, relpersistence, reloptions) as line from mine
    union all
    select format('column %s.%s #%s %s null=%s identity=%s generated=%s default=%s collation=%s',
                  relname, attname, attnum, format_type(atttypid, atttypmod), not attnotnull, attidentity, attgenerated,
                  pg_get_expr(adbin, adrelid), attcollation::regcollation)
      from mine join pg_attribute on attrelid = mine.oid and attnum > 0 and not attisdropped
      left join pg_attrdef on adrelid = attrelid and adnum = attnum
    union all
    select format('constraint %s on %s: %s', conname, relname, pg_get_constraintdef(pg_constraint.oid))
      from pg_constraint join mine on conrelid = mine.oid
    union all
    select 'index ' || pg_get_indexdef(mine.oid) from mine where relkind = 'i'
    union all
    select format('view %s: %s', relname, pg_get_viewdef(mine.oid)) from mine where relkind in ('v', 'm')
    union all
    select 'sequence ' || (to_jsonb(s) - 'last_value')::text from pg_sequences s
     where schemaname = 'public' and sequencename not like 'knex_migrations%'
    union all
    select 'trigger ' || pg_get_triggerdef(pg_trigger.oid) from pg_trigger join mine on tgrelid = mine.oid where not tgisinternal
    union all
    select 'function ' || pg_get_functiondef(oid) from pg_proc
     where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')
       and (('pg_proc'::regclass)::oid, oid) not in (select classid, objid from extension_parts)
    union all
    select format('type %s %s %s', typname, typtype, (select array_agg(enumlabel order by enumsortorder) from pg_enum where enumtypid = pg_type.oid))
      from pg_type
     where typnamespace = 'public'::regnamespace and typtype in ('e', 'd', 'r')
       and (('pg_type'::regclass)::oid, oid) not in (select classid, objid from extension_parts)
    union all
    select format('text search configuration %s: %s', cfgname,
                  (select array_agg(format('%s>%s', maptokentype, mapdict::regdictionary) order by maptokentype, mapseqno)
                     from pg_ts_config_map where mapcfg = pg_ts_config.oid))
      from pg_ts_config where cfgnamespace = 'public'::regnamespace
    union all
    select 'text search dictionary ' || dictname from pg_ts_dict
     where dictnamespace = 'public'::regnamespace
       and (('pg_ts_dict'::regclass)::oid, oid) not in (select classid, objid from extension_parts)`);
  return rows.map(({ line }) => line).toSorted();
}
