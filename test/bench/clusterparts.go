package main

import (
	"context"
	"path/filepath"
)

// clusterParts are those about secrets.
func clusterParts(r *runner, c *cluster) ([]part, error) {
	b, err := newSecretsBench(r, c)
	if err != nil {
		return nil, err
	}
	parts := []part{b.createPart(), b.updatePart(), b.unchangedPart(), b.deletePart(), b.memoryPart()}
	for i := range parts {
		parts[i].cluster = true
	}
	return parts, nil
}

func (b *secretsBench) createPart() part {
	payload := b.payload(actionCreate, 0)
	return part{
		name: "create", title: "1,000 secrets created", runs: b.runs,
		contenders: b.fromNothing(batch,
			b.apply(applyName, payload),
			b.apply(allName, payload, "--all-or-nothing"),
			b.kubectl(createName, 0, "create"),
			b.twice(),
			b.kubectl(clientSideName, 0, "apply"),
			b.kubectl(serverSideName, 0, "apply", "--server-side"),
			b.bare(actionCreate, 0),
		),
		ratios: []ratio{
			{applyName, createName, overCreate}, {applyName, clientSideName, overApply}, {applyName, serverSideName, 0}, {applyName, bareName, nearBare},
			{allName, twiceName, overCreate},
		},
		before: func(context.Context) error { return b.write(batch) },
	}
}

func (b *secretsBench) updatePart() part {
	p := b.changing(1, func(ctx context.Context) error { return b.check(ctx, batch, 1) })
	p.name, p.title = "update", "1,000 secrets updated with other values"
	p.contenders = append(p.contenders,
		b.seeded(b.bare(actionCreate, 0), b.kubectl(replaceName, 1, "replace"), p.contenders[0].verify))
	p.ratios = []ratio{
		{applyName, replaceName, 0}, {applyName, clientSideName, 0}, {applyName, serverSideName, 0}, {applyName, bareName, nearBare},
		{allName, replaceName, 0},
	}
	return p
}

func (b *secretsBench) unchangedPart() part {
	p := b.changing(0, b.untouched)
	p.name, p.title = "unchanged", "1,000 secrets updated with the values they have"
	p.ratios = []ratio{
		{applyName, clientSideName, overNoop}, {applyName, serverSideName, 0}, {applyName, bareName, nearBare},
	}
	return p
}

// changing is the part in which all secrets get the values of a generation.
func (b *secretsBench) changing(generation int, verify func(context.Context) error) part {
	payload := b.payload(actionUpdate, generation)
	bare := b.bare(actionCreate, 0)
	clientSide := b.kubectl(clientSideName, generation, "apply")
	clientSide.once = true // a minute or more
	return part{
		runs: b.runs,
		contenders: []contender{
			b.seeded(bare, b.apply(applyName, payload), verify),
			b.seeded(bare, b.apply(allName, payload, "--all-or-nothing"), verify),
			b.seeded(bare, b.bare(actionUpdate, generation), verify),
			b.seeded(b.kubectl("", 0, "apply"), clientSide, verify),
			b.seeded(b.kubectl("", 0, "apply", "--server-side"),
				b.kubectl(serverSideName, generation, "apply", "--server-side"), verify),
		},
		before: func(context.Context) error { return b.write(batch) },
	}
}

func (b *secretsBench) deletePart() part {
	payload, bare := b.payload(actionDelete, 0), b.bare(actionCreate, 0)
	none := func(ctx context.Context) error { return b.check(ctx, 0, 0) }
	return part{
		name: "delete", title: "1,000 secrets deleted", runs: b.runs,
		contenders: []contender{
			b.seeded(bare, b.apply(applyName, payload), none),
			b.seeded(bare, b.apply(allName, payload, "--all-or-nothing"), none),
			b.seeded(bare, b.kubectl(deleteName, 0, "delete", "--wait=false"), none),
			b.seeded(bare, b.bare(actionDelete, 0), none),
		},
		ratios: []ratio{
			{applyName, deleteName, 0}, {applyName, bareName, nearBare}, {allName, deleteName, 0},
		},
		before: func(context.Context) error { return b.write(batch) },
	}
}

// memoryPart is about the peak RSS, which is to stay below 150 MB.
func (b *secretsBench) memoryPart() part {
	const count = 10_000
	payload := filepath.Join(b.inputs.dir, "payload-memory.json")
	c := b.apply(applyName, payload)
	c.once = true
	return part{
		name: "memory", title: "10,000 secrets created: peak RSS below 150 MB is wanted", runs: 1,
		contenders: b.fromNothing(count, c),
		before:     func(context.Context) error { return writePayload(payload, actionCreate, count, 0) },
	}
}
