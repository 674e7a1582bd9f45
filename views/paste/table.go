package paste

import (
	"strconv"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// table reads a table. One that only lays out a page is read as the blocks in its cells: it has another table in it or
// a single column.
func (r *reader) table(n *html.Node, in style, to *flow) {
	rows, nested := rowsOf(n)
	columns := 0
	for _, row := range rows {
		columns = max(columns, len(cellsOf(row)))
	}
	if r.exceeded = r.exceeded || len(rows) > maxCells || columns > maxCells; r.exceeded {
		return
	}
	to.flush()
	if nested || columns < 2 || attribute(n, "role") == "presentation" {
		r.children(n, in, to)
		to.flush()
		return
	}
	if caption := captionOf(n); caption != nil {
		r.children(caption, in.within(caption), to)
	}
	b := &block{kind: grid, rows: r.rows(rows, in)}
	widest := 0
	for _, row := range b.rows {
		widest = max(widest, len(row))
	}
	if r.exceeded = r.exceeded || widest*len(b.rows) > maxCells; r.exceeded || len(b.rows) == 0 {
		return
	}
	for i, row := range b.rows {
		b.rows[i] = append(row, make([][]run, widest-len(row))...)
	}
	to.add(b)
}

// rows reads the rows that have a text. A cell that spans several has its text in the first, and the others are empty.
func (r *reader) rows(rows []*html.Node, in style) (out [][][]run) {
	covered := map[int]int{} // how many rows below a cell reach into a column
	for _, row := range rows {
		var cells [][]run
		empty := true
		skip := func() {
			for covered[len(cells)] > 0 {
				covered[len(cells)]--
				cells = append(cells, nil)
			}
		}
		for _, cell := range cellsOf(row) {
			skip()
			runs := r.cell(cell, in.within(row).within(cell))
			empty = empty && len(runs) == 0
			down := span(cell, "rowspan") - 1
			for range span(cell, "colspan") {
				covered[len(cells)] = down
				cells = append(cells, runs)
				runs = nil
			}
		}
		skip()
		if r.cells += len(cells); r.cells > maxCells {
			r.exceeded = true
			return nil
		}
		if !empty {
			out = append(out, cells)
		}
	}
	return out
}

// cell reads the text of a cell on one line.
func (r *reader) cell(n *html.Node, in style) []run {
	inner := &flow{}
	r.children(n, in, inner)
	return oneLine(flat(inner.close()))
}

// flat returns the text of blocks with a line break after each.
func flat(blocks []*block) (runs []run) {
	for _, b := range blocks {
		if len(b.runs) > 0 {
			runs = append(append(runs, b.runs...), run{text: lineBreak})
		}
		for _, row := range b.rows {
			for _, cell := range row {
				runs = append(append(runs, cell...), run{text: lineBreak})
			}
		}
		runs = append(runs, flat(b.blocks)...)
	}
	return runs
}

// span returns over how many columns or rows a cell reaches.
func span(n *html.Node, name string) int {
	const most = 50
	number, err := strconv.Atoi(attribute(n, name))
	if err != nil {
		return 1
	}
	return min(max(number, 1), most)
}

// rowsOf returns the rows of a table, and whether it has another table in it.
func rowsOf(n *html.Node) (rows []*html.Node, nested bool) {
	for d := range n.Descendants() {
		switch d.DataAtom {
		case atom.Table:
			nested = true
		case atom.Tr:
			rows = append(rows, d)
		}
	}
	return rows, nested
}

func cellsOf(row *html.Node) (cells []*html.Node) {
	for child := range row.ChildNodes() {
		if child.DataAtom == atom.Td || child.DataAtom == atom.Th {
			cells = append(cells, child)
		}
	}
	return cells
}

func captionOf(n *html.Node) *html.Node {
	for child := range n.ChildNodes() {
		if child.DataAtom == atom.Caption {
			return child
		}
	}
	return nil
}
