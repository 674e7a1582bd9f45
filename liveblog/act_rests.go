package liveblog

// restForest records which claim rests on which. A claim rests on at most one other claim, and never on itself, not
// even indirectly. So the claims form trees, whose roots rest on nothing. They are stored in a link-cut tree (Sleator
// and Tarjan, 1983), which takes amortized O(log n) time for each operation, however long the chains are. Following
// chains claim by claim would take quadratic time for a fold.
//
// Each tree is split into paths, and each path is a splay tree that is ordered by depth, with the root of the tree
// leftmost.
type restForest struct {
	byClaim map[string]*restNode
	visits  int // visited nodes, for tests
}

type restNode struct {
	left, right *restNode // in the splay tree of the path
	up          *restNode // the parent in the splay tree; for its top, the node above the path
}

func (f *restForest) node(claim string) *restNode {
	n, ok := f.byClaim[claim]
	if !ok {
		if f.byClaim == nil {
			f.byClaim = map[string]*restNode{}
		}
		n = &restNode{}
		f.byClaim[claim] = n
	}
	return n
}

// restsOn reports whether a claim rests on another, directly or indirectly, or is the same.
func (f *restForest) restsOn(claim, other string) bool {
	if claim == other {
		return true
	}
	below, ok := f.byClaim[claim]
	above, known := f.byClaim[other]
	if !ok || !known {
		return false
	}
	f.access(below)
	f.splay(above) // above replaces below as the top if and only if it is on the path to the root
	return !below.isTop()
}

// rest makes a claim rest on another one, instead of the claim on which it rested before, or on nothing if on is "".
// The other claim must not rest on the first.
func (f *restForest) rest(claim, on string) {
	if _, known := f.byClaim[claim]; !known && on == "" {
		return
	}
	n := f.node(claim)
	f.access(n)
	if n.left != nil {
		n.left.up = nil
		n.left = nil
	}
	if on != "" {
		n.up = f.node(on)
	}
}

// access joins the nodes from the root to n into one path and makes n the top of its splay tree.
func (f *restForest) access(n *restNode) {
	var below *restNode
	for at := n; at != nil; at = at.up {
		f.splay(at)
		at.right = below
		below = at
	}
	f.splay(n)
}

// isTop reports whether n is the top of its splay tree.
func (n *restNode) isTop() bool { return n.up == nil || n.up.left != n && n.up.right != n }

func (f *restForest) splay(n *restNode) {
	for ; !n.isTop(); n.rotate() {
		f.visits++
		if p := n.up; !p.isTop() {
			if (p.left == n) == (p.up.left == p) {
				p.rotate()
			} else {
				n.rotate()
			}
		}
	}
	f.visits++
}

// rotate exchanges n and its parent in the splay tree.
func (n *restNode) rotate() {
	p := n.up
	if !p.isTop() {
		if p.up.left == p {
			p.up.left = n
		} else {
			p.up.right = n
		}
	}
	n.up = p.up
	if p.left == n {
		p.left = n.right
		if p.left != nil {
			p.left.up = p
		}
		n.right = p
	} else {
		p.right = n.left
		if p.right != nil {
			p.right.up = p
		}
		n.left = p
	}
	p.up = n
}
