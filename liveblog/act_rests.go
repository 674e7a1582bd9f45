package liveblog

// restForest is which claim rests on which. A claim rests on at most one other, and never on itself over however many
// steps, so the claims are trees whose roots rest on nothing. They are kept as a link-cut tree (Sleator and Tarjan,
// 1983): a step costs O(log n) amortised, however long the chains are. Following a chain claim by claim would make a
// fold of n claims take n² steps.
//
// Each tree is cut into paths, and each path is a splay tree ordered by depth, the root of the tree leftmost.
type restForest struct {
	byClaim map[string]*restNode
	visits  int // of nodes, which tests count
}

type restNode struct {
	left, right *restNode // in the splay tree of the path
	up          *restNode // there, or from the top of the splay tree to the node above the path
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

// restsOn reports whether a claim is another or rests on it.
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
	f.splay(above) // which takes its place at the top exactly if it is on the way to the root
	return !below.top()
}

// rest makes a claim rest on another, which must not rest on it, in place of what it rested on; "" for nothing.
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

// access makes the way from the root to a node one path, with the node at the top of its splay tree.
func (f *restForest) access(n *restNode) {
	var below *restNode
	for at := n; at != nil; at = at.up {
		f.splay(at)
		at.right = below
		below = at
	}
	f.splay(n)
}

// top reports whether a node is at the top of its splay tree.
func (n *restNode) top() bool { return n.up == nil || n.up.left != n && n.up.right != n }

func (f *restForest) splay(n *restNode) {
	for ; !n.top(); n.rotate() {
		f.visits++
		if p := n.up; !p.top() {
			if (p.left == n) == (p.up.left == p) {
				p.rotate()
			} else {
				n.rotate()
			}
		}
	}
	f.visits++
}

// rotate moves a node to the place of the one above it in the splay tree.
func (n *restNode) rotate() {
	p := n.up
	if !p.top() {
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
