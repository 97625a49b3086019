module cordage/bench/peer

go 1.19
