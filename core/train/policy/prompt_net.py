"""The network that reads a prompt: two streams of tokens, one transformer, a look.

Stream one is the states of a pretrained language model (words it has read about, in context). Stream
two is our own words, made from character n-grams: it is learnt from captions alone, reads any language
and any spelling, and carries numbers as numbers. Dropping one stream now and then in training makes
each stand on its own. Sentence pooling would lose negation and degree, so pooling is left to four
learned queries that attend over both streams. The streams' plain means go to the head as well, after gated
convolutions over neighbours: what single words mean, and what "too", "less" or "slightly" do to the next
one, is learnt through them in minutes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...engines.compact.networks import INTENTS
from ...text.encoder import MOST as PIECES
from ...text.ngrams import BUCKETS, FIGURES
from ...text.ngrams import MOST as WORDS
from .reference_net import Distribution

STATE = 384  # width of a language model state
QUERIES, HEADS = 4, 6
HIDDEN = 512  # width of what the heads read


class Layer(nn.Module):
    """Pre-norm transformer layer; written out, because torch's own exports with a fixed length."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.projections, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed = nn.Sequential(
            nn.Linear(width, 2 * width + 128), nn.SiLU(), nn.Linear(2 * width + 128, width)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """(B, T, width) and (B, T) bool, True where there is a token -> (B, T, width)."""
        width = tokens.shape[-1]
        split = self.projections(self.before(tokens)).view(
            len(tokens), -1, 3, self.heads, width // self.heads
        )
        query, key, value = split.permute(2, 0, 3, 1, 4)
        # written out as well: the fused kernel's backward takes most of a training step on a CPU
        likeness = query @ key.transpose(-1, -2) * (width // self.heads) ** -0.5
        likeness = likeness.masked_fill(~mask[:, None, None], -1e4)
        found = likeness.softmax(-1) @ value
        tokens = tokens + self.dropout(self.out(found.transpose(1, 2).flatten(2)))
        return tokens + self.feed(self.after(tokens))


class Neighbours(nn.Module):
    """Gated convolution over neighbouring tokens, residual.

    "too dark", "less contrast", "slightly warmer": what turns or scales a word mostly stands next to it,
    and a convolution learns that in a tenth of the steps that attention needs.
    """

    def __init__(self, width: int, reach: int = 5) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mix = nn.Conv1d(width, 2 * width, reach, padding=reach // 2)
        self.out = nn.Linear(width, width)

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """(B, T, width) and (B, T) bool -> (B, T, width)."""
        there = mask[..., None].to(tokens.dtype)
        value, gate = self.mix((self.norm(tokens) * there).transpose(1, 2)).transpose(1, 2).chunk(2, -1)
        return tokens + self.out(value * torch.sigmoid(gate))


class PromptNet(nn.Module):
    """Prompt and, if there is one, photo -> coefficients, their log sigma, and recipe controls.

    Parameters
    ----------
    size : leading codec coefficients that are predicted
    controls : length of the recipe vector (:func:`gradewright.core.engines.compact.controls.vector`)
    """

    def __init__(
        self,
        size: int = 96,
        controls: int = 49,
        width: int = 192,
        layers: int = 3,
        dropout: float = 0.1,
        stream_dropout: float = 0.15,
    ) -> None:
        super().__init__()
        self.stream_dropout = stream_dropout
        self.pieces = nn.Sequential(nn.LayerNorm(STATE), nn.Linear(STATE, width))
        self.grams = nn.Embedding(BUCKETS, width, padding_idx=0)
        self.numbers = nn.Linear(FIGURES, width)
        self.word = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width))
        self.piece_places = nn.Parameter(torch.randn(PIECES, width) * 0.02)
        self.word_places = nn.Parameter(torch.randn(WORDS, width) * 0.02)
        self.queries = nn.Parameter(torch.randn(QUERIES, width) * 0.5)
        self.photo = nn.Sequential(nn.Linear(Distribution.size, width), nn.SiLU(), nn.Linear(width, width))
        self.no_photo = nn.Parameter(torch.zeros(width))
        self.word_neighbours = nn.ModuleList(Neighbours(width) for _ in range(2))
        self.piece_neighbours = Neighbours(width)
        self.body = nn.ModuleList(Layer(width, HEADS, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.join = nn.Sequential(nn.Linear((QUERIES + 2) * width, HIDDEN), nn.GELU(), nn.Dropout(dropout))
        self.mean, self.spread = nn.Linear(HIDDEN, size), nn.Linear(HIDDEN, size)
        self.controls, self.intent = nn.Linear(HIDDEN, controls), nn.Linear(HIDDEN, len(INTENTS))
        nn.init.normal_(self.grams.weight, std=0.3)
        with torch.no_grad():
            self.grams.weight[0] = 0
            self.mean.weight *= 0.1

    def forward(
        self,
        states: Tensor,
        piece_mask: Tensor,
        grams: Tensor,
        numbers: Tensor,
        photo: Tensor,
        given: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """One row per prompt.

        Parameters
        ----------
        As of :meth:`read`.

        Returns
        -------
        Mean and log sigma (B, size) of the coefficients in units of their spread; controls (B, controls);
        logits (B, 3) of what the prompt is about, in the order of INTENTS.
        """
        return self.heads(self.read(states, piece_mask, grams, numbers, photo, given))

    def heads(self, hidden: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(B, HIDDEN) -> what :meth:`forward` gives."""
        return self.mean(hidden), self.spread(hidden), self.controls(hidden), self.intent(hidden)

    def read(
        self,
        states: Tensor,
        piece_mask: Tensor,
        grams: Tensor,
        numbers: Tensor,
        photo: Tensor,
        given: Tensor,
    ) -> Tensor:
        """What the request means, (B, HIDDEN).

        Parameters
        ----------
        states : (B, T, 384) and piece_mask : (B, T) bool, True where there is a piece
        grams : (B, W, 24) int64, 0 where there is none; numbers : (B, W, 4)
        photo : (B, Distribution.size) and given : (B,) bool
        """
        pieces = self.pieces(states) + self.piece_places[: states.shape[1]]
        counts = (grams > 0).sum(-1, keepdim=True).clamp_min(1)
        words = self.grams(grams).sum(2) / counts.sqrt() + self.numbers(numbers)
        words = self.word(words) + self.word_places[: grams.shape[1]]
        word_mask = grams[..., 0] > 0
        if self.training:
            piece_mask, word_mask = self._dropped(piece_mask, word_mask)
        for layer in self.word_neighbours:
            words = layer(words, word_mask)
        pieces = self.piece_neighbours(pieces, piece_mask)
        seen = torch.where(given[:, None], self.photo(photo), self.no_photo)[:, None]
        queries = self.queries.expand(len(states), -1, -1)
        tokens = torch.cat([queries, seen, pieces, words], 1)
        always = torch.ones(len(states), QUERIES + 1, dtype=torch.bool, device=states.device)
        mask = torch.cat([always, piece_mask, word_mask], 1)
        for layer in self.body:
            tokens = layer(tokens, mask)
        found = self.norm(tokens[:, :QUERIES]).flatten(1)
        joined: Tensor = self.join(
            torch.cat([found, _pooled(pieces, piece_mask), _pooled(words, word_mask)], 1)
        )
        return joined

    def _dropped(self, piece_mask: Tensor, word_mask: Tensor) -> tuple[Tensor, Tensor]:
        draw = torch.rand(len(piece_mask), 1, device=piece_mask.device)
        return piece_mask & (draw > self.stream_dropout), word_mask & (draw < 1 - self.stream_dropout)


def _pooled(tokens: Tensor, mask: Tensor) -> Tensor:
    """(B, T, width) -> (B, width): the sum over what is there, by the root of its number."""
    there = mask[..., None].to(tokens.dtype)
    return (tokens * there).sum(1) / there.sum(1).clamp_min(1).sqrt()
