// Whether an API key may be used can depend on the second factor of its owner: a change of it is notified as any other of the owner.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create function notify_api_keys_of_factor() returns trigger language plpgsql as $$
    declare owner bigint = coalesce(new.user_id, old.user_id);
    begin
      if exists (select from api_keys where user_id = owner) then
        perform pg_notify('api_keys_changed', owner::text);
      end if;
      return null;
    end $$;
    create trigger totp_factors_api_keys after insert or delete on totp_factors
      for each row execute function notify_api_keys_of_factor()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop trigger totp_factors_api_keys on totp_factors;
    drop function notify_api_keys_of_factor()`);
}
