-- Version 4: what people say of a segment beside its rule. The state of a segment is
-- that of its latest version.

ALTER TABLE segments ADD COLUMN state TEXT NOT NULL DEFAULT 'active';
ALTER TABLE segment_versions ADD COLUMN definition TEXT NOT NULL DEFAULT '';  -- JSON; '' where only the rule is known
ALTER TABLE segment_versions ADD COLUMN author TEXT NOT NULL DEFAULT '';
ALTER TABLE segment_versions ADD COLUMN message TEXT NOT NULL DEFAULT '';
