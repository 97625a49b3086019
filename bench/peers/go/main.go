// SPDX-License-Identifier: BSD-2-Clause

// Goroutines, all on one thread (GOMAXPROCS=1). Their stacks grow by copying, so the
// size asked for says nothing; there are no guards.
package main

import (
	"runtime"
	"sync"
)

func init() {
	runtime.GOMAXPROCS(1)
}

var rows = []row{
	{"reschedule", repeated, rescheduleOthers, reschedule},
	{"start_end", repeated, park, startEnd},
	{"start_join", repeated, park, startJoin},
	{"create_parked", once, nil, createParked},
	{"cond", repeated, condOthers, cond},
	{"channel_0", repeated, func() { writeTo(0) }, channelRead},
	{"channel_128", repeated, func() { writeTo(128) }, channelRead},
	{"channel_ring", repeated, ringOthers, ringRun},
	{"memory", memory, nil, createParked},
}

func rescheduleOthers() {
	for i := 1; i < n; i++ {
		go func() {
			for {
				runtime.Gosched()
			}
		}()
	}
}

func reschedule(rounds int) int {
	for i := 0; i < rounds; i++ {
		runtime.Gosched()
	}
	return rounds * n
}

var never chan struct{}

func parked() {
	<-never
}

func createParked(int) int {
	for i := 0; i < n; i++ {
		go parked()
	}
	// The queue is first in, first out, for what does not fit into a short one.
	runtime.Gosched()
	return n
}

func park() {
	createParked(1)
}

func startEnd(rounds int) int {
	for i := 0; i < rounds; i++ {
		go func() {}()
		runtime.Gosched()
	}
	return rounds
}

func startJoin(rounds int) int {
	for i := 0; i < rounds; i++ {
		var group sync.WaitGroup
		group.Add(1)
		go group.Done()
		group.Wait()
	}
	return rounds
}

// cond, channel_0, channel_128, channel_ring: see bench/fiber/sync.c.

type turn struct {
	mutex sync.Mutex
	ready *sync.Cond
	mine  bool
}

var turns []turn

func (t *turn) wait() {
	t.mutex.Lock()
	for !t.mine {
		t.ready.Wait()
	}
	t.mine = false
	t.mutex.Unlock()
}

func (t *turn) give() {
	t.mutex.Lock()
	t.mine = true
	t.ready.Signal()
	t.mutex.Unlock()
}

func condOthers() {
	turns = make([]turn, n)
	for i := range turns {
		turns[i].ready = sync.NewCond(&turns[i].mutex)
	}
	for i := 1; i < n; i++ {
		go func(own, next *turn) {
			for {
				own.wait()
				next.give()
			}
		}(&turns[i], &turns[(i+1)%n])
	}
}

func cond(rounds int) int {
	for i := 0; i < rounds; i++ {
		turns[1].give()
		turns[0].wait()
	}
	return rounds * n
}

var (
	channel  chan *int
	ring     []chan *int
	received *int
)

func writeTo(size int) {
	channel = make(chan *int, size)
	go func() {
		for message := new(int); ; {
			channel <- message
		}
	}()
}

func channelRead(rounds int) int {
	const round = 128
	for i := 0; i < rounds*round; i++ {
		received = <-channel
	}
	return rounds * round
}

func ringOthers() {
	ring = make([]chan *int, n)
	for i := range ring {
		ring[i] = make(chan *int)
	}
	for i := 1; i < n; i++ {
		go func(own, next chan *int) {
			for {
				next <- <-own
			}
		}(ring[i], ring[(i+1)%n])
	}
}

func ringRun(rounds int) int {
	message := new(int)
	for i := 0; i < rounds; i++ {
		ring[1] <- message
		received = <-ring[0]
	}
	return rounds * n
}
