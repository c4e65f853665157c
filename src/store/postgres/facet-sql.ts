import { statement } from "./statement.ts";

/** The statements by which lists find rows: what says of each row how it is found is in a table of its own, which triggers keep. */

/** In the order of the facets' own table, whose key ends with the name. */
export const LIST_OF_FACET = statement(`SELECT coatcheck_row.* FROM (
    SELECT mount, kind, name FROM coatcheck_facet
    WHERE mount = :mount AND kind = :kind AND facet = :facet AND name >= :from AND name < :upto AND name > :after ORDER BY name LIMIT :limit
  ) AS found JOIN coatcheck_row USING (mount, kind, name) ORDER BY name`);

export const COUNT_FACET = statement(`SELECT count(*) AS value FROM (SELECT 1 FROM coatcheck_facet
  WHERE mount = :mount AND kind = :kind AND facet = :facet AND name >= :from AND name < :upto LIMIT :most) AS found`);

/** From the index coatcheck_row_unfiled, whose words these are. */
export const UNFILED = statement(`SELECT * FROM coatcheck_row
  WHERE id > :after AND kind IN ('creds', 'self') AND filed IS DISTINCT FROM revision ORDER BY id LIMIT :limit`);

/** Locked in one order, so that instances which do it at once wait for each other and no more. */
export const FILE = statement(`UPDATE coatcheck_row SET facets = ARRAY(SELECT jsonb_array_elements_text(found.facets)),
    filed = coatcheck_row.revision
  FROM (SELECT coatcheck_row.id, filing.facets FROM jsonb_to_recordset(:filings::jsonb)
      AS filing (id text, revision bigint, facets jsonb)
    JOIN coatcheck_row ON coatcheck_row.id = filing.id AND coatcheck_row.revision = filing.revision
    ORDER BY coatcheck_row.id FOR UPDATE OF coatcheck_row) AS found
  WHERE coatcheck_row.id = found.id`);
